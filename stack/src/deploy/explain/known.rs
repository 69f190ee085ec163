//! The refusals that are known: words of AWS, what they mean, what helps.

/// One line of the table.
pub(super) struct Known {
    /// How the type of the resource begins; empty for any.
    pub(super) kind: &'static str,
    /// Any of these, in lower case.
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

const AGAIN: &str = "run the same command again: it goes on from what is there";
const QUOTA: &str = "`stack doctor` shows the account's quotas; ask for more in the Service Quotas console, or take environments down that nobody uses (`stack list`)";
const SIGN_IN: &str = "sign in again (`aws sso login`, or new keys), then run the same command: what runs on AWS goes on meanwhile";

/// The first that fits explains. What is particular stands before what is general.
pub(super) const KNOWN: &[Known] = &[
    // Who deploys.
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
        "the account may not use this service or region yet",
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
        "whoever deploys lacks a permission, and AWS does not say which",
        "compare what `stack permissions` prints with the policies of whoever deploys",
    ),
    // The account's limits.
    known(
        "AWS::EC2::VPC",
        &["vpclimitexceeded", "maximum number of vpcs"],
        "the region has as many VPCs as the account may have (5 at first)",
        "set `network: shared` in the environment's file, delete a VPC, or ask for more in the Service Quotas console (`VPCs per Region`)",
    ),
    known(
        "AWS::EC2::",
        &["addresslimitexceeded", "maximum number of addresses"],
        "the region has as many elastic addresses as the account may have",
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
        "the account may not have so many shards or on-demand streams in this region",
        QUOTA,
    ),
    known(
        "AWS::Lambda::",
        &[
            "unreservedconcurrentexecution below",
            "decreases account's unreservedconcurrentexecution",
        ],
        "the account has too little Lambda concurrency to reserve some of it",
        "ask for more `Concurrent executions` in the Service Quotas console (a fresh account has 10), or use an ephemeral profile, which reserves none",
    ),
    known(
        "AWS::Redshift",
        &[
            "numberofnodesquotaexceeded",
            "number of nodes",
            "rpu limit",
            "quota",
        ],
        "the account may not have so many Redshift nodes or processing units",
        QUOTA,
    ),
    known(
        "AWS::Redshift",
        &[
            "insufficientclustercapacity",
            "invalid node type",
            "invalidparametercombination",
        ],
        "Redshift has no such nodes in this region now",
        "choose another `warehouse.cluster.node_type` in the environment's file, or try later",
    ),
    known(
        "AWS::S3::Bucket",
        &["toomanybuckets"],
        "the account has as many buckets as it may have",
        QUOTA,
    ),
    known(
        "AWS::IAM::",
        &["limitexceeded", "cannot exceed quota"],
        "the account has as many roles or policies as it may have",
        QUOTA,
    ),
    // Names that are taken.
    known(
        "AWS::S3::Bucket",
        &[
            "bucketalreadyexists",
            "bucketalreadyownedbyyou",
            "already exists",
            "requested bucket name is not available",
        ],
        "a bucket of this name is there already",
        "an earlier environment of the name may have kept it (production does): empty and delete it, or give the environment another name",
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
        "something of this name is there already, and is in no stack of this environment",
        "an earlier environment of the name may have left it: delete it, or give the environment another name",
    ),
    // What deletion meets.
    known(
        "AWS::S3::Bucket",
        &["bucketnotempty", "bucket you tried to delete is not empty"],
        "the bucket is not empty",
        "`stack destroy` empties it, versions and all",
    ),
    known(
        "",
        &["terminationprotection is enabled", "termination protection"],
        "the stack is protected from deletion",
        "`stack destroy` takes production down, with `--yes --destroy-data NAME`",
    ),
    known(
        "",
        &[
            "deletion protection",
            "deletionprotection",
            "deletion is protected",
        ],
        "it is protected from deletion",
        "`stack destroy` lifts the protection, with `--yes --destroy-data NAME` in production",
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
        "`aws kms cancel-key-deletion` and `enable-key` bring it back, with all data under it",
    ),
    known(
        "AWS::KMS::Key",
        &[
            "will not allow you to update the key policy",
            "malformedpolicydocument",
        ],
        "the key's policy would lock its owner out",
        "deploy as a principal of the account that owns the key; a role that does not exist must not be named in it",
    ),
    // Functions and API.
    known(
        "AWS::Lambda::",
        &["nosuchkey", "the specified key does not exist"],
        "the function's zip is not in the assets bucket any more",
        "run the same command again: it uploads what is missing",
    ),
    known(
        "AWS::Lambda::",
        &["cannot be assumed by lambda"],
        "Lambda does not see the function's new role yet",
        AGAIN,
    ),
    known(
        "AWS::ApiGateway::",
        &["cloudwatch logs role arn must be set"],
        "the account has no role with which API Gateway writes logs",
        "deploy the account's stack first (`riverhouse-account`), or set `access_log: false` in the environment's file",
    ),
    // The template.
    known(
        "",
        &["earlyvalidation"],
        "the template does not pass CloudFormation's validation",
        "correct what is named in the Rust file and deploy again; nothing was changed",
    ),
    known(
        "",
        &["hook(s) failed", "hook failed", "hooks failed"],
        "a hook of the account refused it",
        "the account's owner can say which rule it breaks; nothing was changed",
    ),
    known(
        "",
        &[
            "template may not exceed",
            "at 'templatebody' failed to satisfy constraint: member must have length",
        ],
        "the template is longer than CloudFormation takes in a request (51,200 bytes)",
        "this is a defect of Riverhouse: `stack synth` shows the template; `cargo test -p stack` says which one grew",
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
        "the template is not consistent in itself",
        "this is a defect of Riverhouse: `stack synth` shows the template, cfn-lint says where",
    ),
    known(
        "",
        &["denied by stack policy"],
        "the stack has a policy that forbids this change",
        "`aws cloudformation get-stack-policy` shows it; its owner must allow the change",
    ),
    // The moment.
    known(
        "",
        &[
            "update is in progress",
            "resourceconflictexception",
            "operationaborted",
            "conflicting conditional operation",
            "concurrentmodification",
        ],
        "something else is changing it at the same time",
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
        "the service failed by itself",
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
        "the account has as many of these as it may have",
        QUOTA,
    ),
];
