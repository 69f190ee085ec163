//! The table of known AWS errors: their texts, causes and remedies.

/// An entry of the table.
pub(super) struct Known {
    /// Prefix of the resource type; empty for any.
    pub(super) kind: &'static str,
    /// Any of these texts, in lower case.
    pub(super) words: &'static [&'static str],
    pub(super) cause: &'static str,
    pub(super) advice: &'static str,
}

const fn known(
    kind: &'static str,
    words: &'static [&'static str],
    cause: &'static str,
    advice: &'static str,
) -> Known {
    Known {
        kind,
        words,
        cause,
        advice,
    }
}

const AGAIN: &str = "run the same command again; it continues from the current state";
const QUOTA: &str = "`stack doctor` shows the account's quotas; request an increase in the Service Quotas console, or destroy environments that nobody uses (`stack list`)";
const SIGN_IN: &str = "sign in again (`aws sso login`, or new keys), then run the same command; operations on AWS continue meanwhile";

/// The first entry that matches explains the error, so specific entries precede general ones.
pub(super) const KNOWN: &[Known] = &[
    // Credentials and permissions of the deployer.
    known(
        "",
        &[
            "expiredtoken",
            "token included in the request is expired",
            "requestexpired",
            "token has expired",
        ],
        "the credentials have expired",
        SIGN_IN,
    ),
    known(
        "",
        &[
            "invalidclienttokenid",
            "unrecognizedclient",
            "token included in the request is invalid",
            "signaturedoesnotmatch",
            "incompletesignature",
            "missingauthenticationtoken",
        ],
        "AWS does not know these credentials",
        "check `aws sts get-caller-identity`; sign in again or choose another profile",
    ),
    known(
        "",
        &[
            "optinrequired",
            "not subscribed to this service",
            "region is not enabled",
            "is not enabled in this region",
            "regiondisabled",
        ],
        "this service or region is not activated for the account",
        "enable the region in the account's settings (it takes minutes), or choose another one in the environment's file",
    ),
    known(
        "",
        &[
            "accessdenied",
            "access denied",
            "unauthorizedoperation",
            "not authorized to perform this operation",
        ],
        "the deployer lacks a permission, and AWS does not say which",
        "compare the output of `stack permissions` with the policies of the deployer",
    ),
    // Quotas of the account.
    known(
        "AWS::EC2::VPC",
        &["vpclimitexceeded", "maximum number of vpcs"],
        "the region already has as many VPCs as the account's quota allows (5 by default)",
        "set `network: shared` in the environment's file, delete a VPC, or request an increase in the Service Quotas console (`VPCs per Region`)",
    ),
    known(
        "AWS::EC2::",
        &["addresslimitexceeded", "maximum number of addresses"],
        "the region already has as many elastic addresses as the account's quota allows",
        QUOTA,
    ),
    known(
        "AWS::Kinesis::",
        &[
            "would exceed the shard limit",
            "shard limit",
            "limitexceeded",
            "limit exceeded",
        ],
        "the account's quota of shards or on-demand streams in this region is too low",
        QUOTA,
    ),
    known(
        "AWS::Lambda::",
        &[
            "unreservedconcurrentexecution below",
            "decreases account's unreservedconcurrentexecution",
        ],
        "the account's Lambda concurrency is too low for reservations",
        "request an increase of `Concurrent executions` in the Service Quotas console (a new account has 10), or use an ephemeral profile, which reserves none",
    ),
    known(
        "AWS::Redshift",
        &[
            "numberofnodesquotaexceeded",
            "number of nodes",
            "rpu limit",
            "quota",
        ],
        "the account's quota of Redshift nodes or processing units is too low",
        QUOTA,
    ),
    known(
        "AWS::Redshift",
        &[
            "insufficientclustercapacity",
            "invalid node type",
            "invalidparametercombination",
        ],
        "Redshift has no nodes of this type available in this region",
        "choose another `warehouse.cluster.node_type` in the environment's file, or try later",
    ),
    known(
        "AWS::S3::Bucket",
        &["toomanybuckets"],
        "the account already has as many buckets as its quota allows",
        QUOTA,
    ),
    known(
        "AWS::IAM::",
        &["limitexceeded", "cannot exceed quota"],
        "the account already has as many roles or policies as its quota allows",
        QUOTA,
    ),
    // Names that are already used.
    known(
        "AWS::S3::Bucket",
        &[
            "bucketalreadyexists",
            "bucketalreadyownedbyyou",
            "already exists",
            "requested bucket name is not available",
        ],
        "a bucket of this name already exists",
        "an earlier environment of this name may have kept it, as production does: empty and delete it, or give the environment another name",
    ),
    known(
        "",
        &[
            "alreadyexists",
            "already exists",
            "entityalreadyexists",
            "resourceinuseexception",
            "alreadyinuse",
        ],
        "a resource of this name already exists and belongs to no stack of this environment",
        "an earlier environment of this name may have left it: delete it, or give the environment another name",
    ),
    // Obstacles to deletion.
    known(
        "AWS::S3::Bucket",
        &["bucketnotempty", "bucket you tried to delete is not empty"],
        "the bucket is not empty",
        "`stack destroy` empties it, including all versions",
    ),
    known(
        "",
        &["terminationprotection is enabled", "termination protection"],
        "the stack has termination protection",
        "`stack destroy` destroys production with `--yes --destroy-data NAME`",
    ),
    known(
        "",
        &[
            "deletion protection",
            "deletionprotection",
            "deletion is protected",
        ],
        "the resource has deletion protection",
        "`stack destroy` removes the protection, in production with `--yes --destroy-data NAME`",
    ),
    known(
        "",
        &[
            "dependencyviolation",
            "has dependencies and cannot be deleted",
            "has a dependent object",
            "currently in use",
        ],
        "something outside of the stack still uses it",
        "find what uses it (a network interface, an analyst's endpoint), remove that, and run the same command again",
    ),
    // Keys.
    known(
        "",
        &[
            "kmsinvalidstate",
            "is pending deletion",
            "key is disabled",
            "kms.disabledexception",
        ],
        "its key is disabled or pending deletion",
        "`aws kms cancel-key-deletion` and `enable-key` restore the key and access to all data that it encrypts",
    ),
    known(
        "AWS::KMS::Key",
        &[
            "will not allow you to update the key policy",
            "malformedpolicydocument",
        ],
        "the key's policy would deny access to its owner",
        "deploy as a principal of the account that owns the key, and name only existing roles in the policy",
    ),
    // Functions and the API.
    known(
        "AWS::Lambda::",
        &["nosuchkey", "the specified key does not exist"],
        "the function's zip is no longer in the assets bucket",
        "run the same command again: it uploads what is missing",
    ),
    known(
        "AWS::Lambda::",
        &["cannot be assumed by lambda"],
        "the function's new role is not yet visible to Lambda",
        AGAIN,
    ),
    known(
        "AWS::ApiGateway::",
        &["cloudwatch logs role arn must be set"],
        "the account has no role with which API Gateway writes logs",
        "deploy the account's stack first (`riverhouse-account`), or set `access_log: false` in the environment's file",
    ),
    // Templates.
    known(
        "",
        &["earlyvalidation"],
        "the template does not pass CloudFormation's validation",
        "correct the Rust file at the place that is named, then deploy again; nothing was changed",
    ),
    known(
        "",
        &["hook(s) failed", "hook failed", "hooks failed"],
        "a hook of the account refused the change",
        "ask the account's owner which rule it violates; nothing was changed",
    ),
    known(
        "",
        &[
            "template may not exceed",
            "at 'templatebody' failed to satisfy constraint: member must have length",
        ],
        "the template is longer than CloudFormation accepts in a request (51,200 bytes)",
        "this is a bug of Riverhouse: `stack synth` shows the template, and `cargo test -p stack` says which one grew",
    ),
    known(
        "",
        &[
            "must have values",
            "unresolved resource dependencies",
            "circular dependency",
            "template format error",
            "template error",
        ],
        "the template is not consistent",
        "this is a bug of Riverhouse: `stack synth` shows the template, and cfn-lint finds the place",
    ),
    known(
        "",
        &["denied by stack policy"],
        "the stack policy forbids this change",
        "`aws cloudformation get-stack-policy` shows the policy; its owner must allow the change",
    ),
    // Transient failures.
    known(
        "",
        &[
            "update is in progress",
            "resourceconflictexception",
            "operationaborted",
            "conflicting conditional operation",
            "concurrentmodification",
        ],
        "another operation is changing it at the same time",
        AGAIN,
    ),
    known(
        "",
        &[
            "exceeded attempts to wait",
            "notstabilized",
            "did not stabilize",
            "timed out",
            "timeout",
        ],
        "it did not become ready in time",
        AGAIN,
    ),
    known(
        "",
        &[
            "rate exceeded",
            "throttl",
            "too many requests",
            "requestlimitexceeded",
            "slowdown",
        ],
        "AWS throttled the calls for it",
        AGAIN,
    ),
    known(
        "",
        &[
            "internalfailure",
            "internal failure",
            "internal error",
            "serviceinternalerror",
            "service is unavailable",
            "serviceunavailable",
        ],
        "the service had an internal error",
        AGAIN,
    ),
    known(
        "",
        &[
            "limitexceeded",
            "limit exceeded",
            "quotaexceeded",
            "quota exceeded",
            "maximum number of",
            "servicelimitexceeded",
            "limit for stack",
        ],
        "a quota of the account is reached",
        QUOTA,
    ),
];
