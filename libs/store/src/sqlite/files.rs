use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::StoreError;

/// How long a start waits for the process before it to let go of the files.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// The data directory, made if need be.
pub(super) fn folder(path: &Path) -> Result<PathBuf, StoreError> {
    let made = std::fs::create_dir_all(path).and_then(|()| path.canonicalize());
    made.map_err(|source| StoreError::DataDir { path: path.to_owned(), source })
}

/// Two processes on one file would each think the other's leases void, so the second one is refused.
pub(super) async fn lock(folder: &Path, service: &str) -> Result<File, StoreError> {
    let unusable = |source| StoreError::DataDir { path: folder.to_owned(), source };
    let file = File::create(folder.join(format!("{service}.lock"))).map_err(unusable)?;
    let tries = 20;
    for _ in 0..tries {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_WAIT / tries).await,
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
    }
    Err(StoreError::DataDirInUse { path: folder.to_owned() })
}
