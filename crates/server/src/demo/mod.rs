//! A believable company to look at. See `story`.
use db::Db;
use messaging::files::FileStore;
/// x
pub async fn seed(_db: &Db, _files: &FileStore) -> Result<serde_json::Value, String> { Err("soon".into()) }
