//! The `warehouse` stack: Redshift as a cluster or serverless.

use cfn::resources::ec2::Subnet;
use cfn::resources::iam::Role;
use cfn::resources::kms::{Alias, Key, KeyUser};
use cfn::resources::redshift::{Database, Port};
use cfn::resources::secretsmanager::LoginSecret;
use cfn::{Arn, Handle, Name, Template, Val};

use super::access::{Groups, InternetRoute};
use super::audit::{self, Audit};
use super::suppression::NOT_ROTATED;
use super::{Names, cluster, connection, crossing, network, serverless};
use crate::environment::{Environment, Place, Warehouse};

const DATABASE: &str = "riverhouse";
/// Database superuser, used by migrations.
pub(super) const ADMIN: &str = "riverhouse_admin";
/// Statement timeout in seconds, for all users. A load takes minutes.
pub(super) const STATEMENT_SECONDS: u32 = 3600;
/// Database user of the analysts' tools. It can read the analysts' views.
const TABLEAU: &str = "tableau";

/// Builder of the stack, with values that several of its parts need.
pub(super) struct WarehouseStack<'a> {
    pub(super) environment: &'a Environment,
    pub(super) names: Names,
    pub(super) template: Template,
    pub(super) key: Arn<Key>,
    pub(super) copy_role: Arn<Role>,
    pub(super) database: Name<Database>,
    /// Bucket of audit logs; `None` if there are none.
    pub(super) audit: Option<Audit>,
}

/// Network location of a warehouse.
pub(super) struct WarehouseNetwork {
    pub(super) subnets: [Name<Subnet>; 3],
    /// Zone of the first subnet. `None` in an existing network.
    pub(super) zone: Option<Val<String>>,
    pub(super) groups: Groups,
    pub(super) port: Port,
    /// Default route. It must exist before a public address can be assigned.
    pub(super) internet_route: Option<InternetRoute>,
}

/// Returns the template of the stack. `None` locally, where PostgreSQL takes its place.
pub(super) fn template(environment: &Environment) -> Option<Template> {
    let mut stack = WarehouseStack::with_key_and_role(environment);
    let (network, host) = match &environment.warehouse {
        Warehouse::Local => return None,
        Warehouse::Cluster {
            nodes,
            place,
            access,
        } => cluster::add(&mut stack, *nodes, place, access),
        Warehouse::Serverless {
            capacity, place, ..
        } => serverless::add(&mut stack, *capacity, place),
    };
    let login = stack.add_login(
        "TableauSecret",
        TABLEAU,
        "Riverhouse: login of the analysts' tools",
    );
    crossing::WAREHOUSE_TABLEAU_SECRET.give(&mut stack.template, &login.arn());
    connection::add(&mut stack, &network, host, &login);
    Some(stack.template)
}

impl<'a> WarehouseStack<'a> {
    fn with_key_and_role(environment: &'a Environment) -> Self {
        let names = Names::of(environment);
        let description = "Riverhouse: the warehouse of an environment";
        let mut template = Template::new(description).tagged(environment.tags.clone());
        let key = Key {
            description: "Riverhouse: the warehouse, its snapshots, logs and secrets",
            users: audit_groups(environment, &names),
            profile: environment.profile.for_data(),
        };
        let key = template.add("WarehouseKey", &key).arn();
        let alias = Alias {
            name: Name::literal(format!("alias/{}", names.plain("warehouse"))),
            key: key.clone(),
        };
        template.add("WarehouseKeyAlias", &alias);
        // The pipeline stack knows what the role may read, and attaches its policy.
        let role = Role {
            name: names.literal("copy"),
            description: "Riverhouse: read access of the warehouse to the staging bucket",
            trusted: &[
                "redshift-serverless.amazonaws.com",
                "redshift.amazonaws.com",
            ],
        };
        let role = template.add("CopyRole", &role);
        let database = Name::literal(DATABASE);
        crossing::WAREHOUSE_COPY_ROLE_ARN.give(&mut template, &role.arn());
        crossing::WAREHOUSE_COPY_ROLE_NAME.give(&mut template, &role.name());
        crossing::WAREHOUSE_DATABASE.give(&mut template, &database);
        Self {
            audit: audit::add(environment, &names, &mut template),
            environment,
            names,
            template,
            key,
            copy_role: role.arn(),
            database,
        }
    }

    /// Finds or creates the network, and adds the outputs that locate the warehouse.
    pub(super) fn add_network(&mut self, place: &Place) -> WarehouseNetwork {
        let network = network::add(self, place);
        let port = Val::literal(network.port.number().to_string());
        crossing::WAREHOUSE_PORT.give(&mut self.template, &port);
        network
    }

    /// Makes the warehouse depend on the default route, if there is one.
    pub(super) fn wait_for_internet_route<R>(
        &mut self,
        warehouse: &Handle<R>,
        network: &WarehouseNetwork,
    ) {
        if let Some(internet_route) = &network.internet_route {
            self.template.depend(warehouse, internet_route);
        }
    }

    /// Adds a login with a generated password, in the secret `riverhouse/{environment}/{username}`.
    #[track_caller]
    pub(super) fn add_login(
        &mut self,
        id: &'static str,
        username: &'static str,
        description: &'static str,
    ) -> Handle<LoginSecret> {
        let secret = LoginSecret {
            name: Name::literal(self.names.secret(username)),
            description,
            username,
            key: self.key.clone(),
            profile: self.environment.profile.for_data(),
        };
        let secret = self.template.add(id, &secret);
        self.template.suppress(&secret, NOT_ROTATED);
        secret
    }
}

/// Returns the CloudWatch log groups of the audit log. Serverless writes to log groups, a cluster to a bucket.
fn audit_groups(environment: &Environment, names: &Names) -> Vec<KeyUser> {
    match environment.warehouse {
        Warehouse::Local | Warehouse::Cluster { .. } => Vec::new(),
        Warehouse::Serverless { .. } => vec![KeyUser::LogGroups {
            sid: "AuditLogs",
            prefix: serverless::log_group(names, "").into(),
        }],
    }
}
