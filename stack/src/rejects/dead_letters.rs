//! Messages of dead-letter queues, as rejects of their stage.

use std::collections::BTreeSet;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use cloudformation::{CallFailure, outputs_of};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Reject, RejectsError, Stage};
use crate::platform::{Names, StackKind};
use crate::session::Session;

/// Visibility timeout in seconds of a message that was read. If the command dies, the message reappears after this
/// time.
const HIDDEN_SECONDS: i32 = 60;
/// Maximum number of messages that are read from one queue.
const MAX_MESSAGES: usize = 1000;

/// A queue and its dead-letter queue.
#[derive(Clone, Debug)]
struct Queue {
    stage: Stage,
    url: String,
    dead: String,
}

/// A message of a dead-letter queue. It is invisible to others until it is put back, or for 60 seconds.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// The message as a reject, whose record is the message's body.
    pub reject: Reject,
    queue: Queue,
    receipt: String,
}

/// Reads the dead letters of `transform` and `load`, at most 1,000 each.
///
/// # Errors
///
/// When a queue cannot be read.
pub async fn dead_letters(session: &Session) -> Result<Vec<DeadLetter>, RejectsError> {
    let cloudformation = aws_sdk_cloudformation::Client::new(session.sdk());
    let stack = Names::of(&session.environment).stack(StackKind::Lake);
    let outputs = outputs_of(&cloudformation, stack.as_ref()).await?;
    let outputs = outputs.unwrap_or_default();
    let sqs = Client::new(session.sdk());
    let mut letters = Vec::new();
    for (stage, url, dead) in [
        (
            Stage::Transform,
            "TransformQueueUrl",
            "TransformDeadQueueUrl",
        ),
        (Stage::Load, "LoadQueueUrl", "LoadDeadQueueUrl"),
    ] {
        if let (Some(url), Some(dead)) = (outputs.get(url), outputs.get(dead)) {
            let queue = Queue {
                stage,
                url: url.clone(),
                dead: dead.clone(),
            };
            letters.extend(read(&sqs, &queue).await?);
        }
    }
    Ok(letters)
}

async fn read(sqs: &Client, queue: &Queue) -> Result<Vec<DeadLetter>, RejectsError> {
    let (mut letters, mut seen) = (Vec::new(), BTreeSet::new());
    while letters.len() < MAX_MESSAGES {
        let received = sqs
            .receive_message()
            .queue_url(&queue.dead)
            .max_number_of_messages(10)
            .visibility_timeout(HIDDEN_SECONDS)
            // A long poll queries all servers of the queue.
            .wait_time_seconds(1)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
            .map_err(CallFailure::of(format!(
                "sqs ReceiveMessage of {}",
                queue.dead
            )))?;
        let before = letters.len();
        for message in received.messages.unwrap_or_default() {
            letters.extend(letter(queue, message).filter(|it| seen.insert(it.reject.id.clone())));
        }
        if letters.len() == before {
            break;
        }
    }
    Ok(letters)
}

fn letter(queue: &Queue, message: Message) -> Option<DeadLetter> {
    let sent = message
        .attributes()
        .and_then(|it| it.get(&MessageSystemAttributeName::SentTimestamp))
        .and_then(|millis| millis.parse::<i64>().ok())
        .and_then(|millis| OffsetDateTime::from_unix_timestamp(millis / 1000).ok())
        .and_then(|at| at.format(&Rfc3339).ok());
    let name = queue.dead.rsplit('/').next().unwrap_or(&queue.dead);
    let id = message.message_id.unwrap_or_default();
    let reject = Reject::whole(
        queue.stage,
        sent.unwrap_or_default(),
        [
            "dead_letter",
            "message",
            "every attempt of the function failed; `stack logs` has the errors",
        ],
        format!("{name}, message {id}"),
        message.body.unwrap_or_default(),
    );
    Some(DeadLetter {
        reject,
        queue: queue.clone(),
        receipt: message.receipt_handle?,
    })
}

/// Makes the messages visible again.
pub async fn put_back<'a>(session: &Session, letters: impl IntoIterator<Item = &'a DeadLetter>) {
    let sqs = Client::new(session.sdk());
    for letter in letters {
        // If this fails, the message reappears after its visibility timeout.
        let _ = sqs
            .change_message_visibility()
            .queue_url(&letter.queue.dead)
            .receipt_handle(&letter.receipt)
            .visibility_timeout(0)
            .send()
            .await;
    }
}

/// Sends the message to its original queue, then deletes it from the dead-letter queue. A crash between the two sends
/// it twice; the functions of the stages are idempotent.
///
/// # Errors
///
/// When SQS rejects a call.
pub async fn send_again(session: &Session, letter: &DeadLetter) -> Result<(), CallFailure> {
    Client::new(session.sdk())
        .send_message()
        .queue_url(&letter.queue.url)
        .message_body(&letter.reject.record)
        .send()
        .await
        .map_err(CallFailure::of(format!(
            "sqs SendMessage to {}",
            letter.queue.url
        )))?;
    delete(session, letter).await
}

/// Deletes the message. Idempotent.
///
/// # Errors
///
/// When SQS rejects the call.
pub(super) async fn delete(session: &Session, letter: &DeadLetter) -> Result<(), CallFailure> {
    Client::new(session.sdk())
        .delete_message()
        .queue_url(&letter.queue.dead)
        .receipt_handle(&letter.receipt)
        .send()
        .await
        .map(|_| ())
        .map_err(CallFailure::of(format!(
            "sqs DeleteMessage of {}",
            letter.queue.dead
        )))
}
