//! Reads the depth of a queue.

use aws_sdk_sqs::types::QueueAttributeName;
use aws_types::SdkConfig;
use cloudformation::CallFailure;

/// Returns the number of messages that wait or are in flight.
pub(super) async fn depth(sdk: &SdkConfig, url: &str) -> Result<u64, CallFailure> {
    let wanted = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    let found = aws_sdk_sqs::Client::new(sdk)
        .get_queue_attributes()
        .queue_url(url)
        .set_attribute_names(Some(wanted.to_vec()))
        .send()
        .await
        .map_err(CallFailure::of(format!("sqs GetQueueAttributes of {url}")))?;
    let count = |name| found.attributes()?.get(name)?.parse::<u64>().ok();
    Ok(wanted.iter().filter_map(count).sum())
}
