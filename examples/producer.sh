#!/bin/sh
# Sends events to the API of an environment: one JSON object a line, each with its EventId. Needs curl 7.76 or later.
#
#   eval "$(stack outputs --env)"
#   sh examples/producer.sh < events.ndjson
#
# After 429, 503 or another passing failure, curl sends the same body again, so the same event ids: an event that
# arrives twice counts once. Prints the response to each batch. The exit code is that of curl for the first batch that
# failed; the same file can be sent again.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The API takes 500 events a request.
split -l 500 - "$folder/batch."
for batch in "$folder"/batch.*; do
  [ -e "$batch" ] || continue
  # The response is in a file, because curl also prints the responses that it retries.
  failed=0
  curl --silent --show-error --fail-with-body --retry 8 --retry-connrefused --max-time 60 \
    --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
    ${AWS_SESSION_TOKEN:+--header "X-Amz-Security-Token: $AWS_SESSION_TOKEN"} \
    --header 'Content-Type: application/x-ndjson' --data-binary "@$batch" --output "$folder/answer" \
    "$RIVERHOUSE_API_URL/events" || failed=$?
  cat "$folder/answer"
  echo
  [ "$failed" = 0 ] || exit "$failed"
done
