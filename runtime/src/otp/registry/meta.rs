//! Values that belong to a registry as a whole.

use std::any::Any;
use std::sync::{Arc, PoisonError};

use super::handle::{Key, Registry, Value};
use crate::kernel::name::Name;

impl<K: Key, V: Value> Registry<K, V> {
    /// The value under a name of metadata, if there is one of this type (RGY-31).
    pub async fn meta<T: Clone + Send + Sync + 'static>(&self, name: &str) -> Option<T> {
        self.shared.point("reads metadata", false).await;
        self.shared.must_run();
        let meta = self.shared.meta.read();
        let found = meta
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned();
        found?.downcast_ref::<T>().cloned()
    }

    /// Sets a value of metadata (RGY-31).
    pub async fn put_meta<T: Send + Sync + 'static>(&self, name: impl Into<Name>, value: T) {
        self.shared.point("writes metadata", true).await;
        self.shared.must_run();
        let value: Arc<dyn Any + Send + Sync> = Arc::new(value);
        let meta = self.shared.meta.write();
        let old = meta
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.into(), value);
        drop(old);
    }

    /// Removes a value of metadata, if it is there (RGY-31).
    pub async fn delete_meta(&self, name: &str) {
        self.shared.point("writes metadata", true).await;
        self.shared.must_run();
        let meta = self.shared.meta.write();
        let old = meta.unwrap_or_else(PoisonError::into_inner).remove(name);
        drop(old);
    }
}
