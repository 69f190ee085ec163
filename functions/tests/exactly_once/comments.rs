//! Tests the column comments in the warehouse. They show that the only personal data that analysts can see is the
//! customer number.

use crate::rig::Rig;

#[tokio::test]
async fn every_column_has_a_type_and_a_comment_and_no_person_is_more_than_a_number() {
    let rig = Rig::new().await;
    let columns = "SELECT table_schema || '.' || table_name || '.' || column_name || ' | ' || data_type \
                          || ' | ' || COALESCE(remarks, 'NULL') \
                   FROM svv_columns WHERE table_schema IN ('analytics', 'retail') \
                   ORDER BY table_schema, table_name, ordinal_position";
    let columns = rig.rows(columns).await;
    for column in &columns {
        assert!(!column.ends_with("| NULL"), "{column}");
    }
    insta::assert_snapshot!(columns.join("\n"));
}
