//! INV-8 where the ledger is a database: its tables, its log and what its server says.

use super::house::House;
use super::server::database;
use super::{search, walk_every_road};

#[tokio::test]
async fn no_personal_or_financial_datum_is_left_in_a_database() {
    let database = database().await;
    let house = House::on(&database).await;
    walk_every_road(&house).await;
    house.stop().await;
    let keeper = database.keeper().await;
    let row = keeper.query_one("SELECT count(*) FROM hand_off", &[]).await.unwrap();
    assert!(row.get::<_, i64>(0) > 0);
    keeper.batch_execute("CHECKPOINT").await.unwrap();
    assert_eq!(search(&database.file("data")), Vec::<String>::new());
}
