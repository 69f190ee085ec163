# A shop in production with a serverless warehouse, keys for its callers and mail about its alarms: edits of prod.yaml.
s/name: prod/name: keyed/
s/auth: iam/auth: api_key/
s/  cluster:/  serverless:/
s/    node_type: ra3.large/    base_rpu: 8/
s/    nodes: 2//
s/10.83.0.0/10.87.0.0/
s/alarms: topic/alarms: {email: shop@example.org}/
