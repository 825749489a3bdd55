//! Types, clients and servers generated from the protobuf contracts in `proto/`, one module per package:
//! `proefrit.dedup.v1` is [`dedup::v1`]. The contracts carry the documentation.
#![allow(clippy::all, clippy::pedantic, missing_docs, rustdoc::all)]

/// The encoded `FileDescriptorSet` of all contracts, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// `proefrit.common`
pub mod common {
    /// `proefrit.common.v1`
    pub mod v1 {
        tonic::include_proto!("proefrit.common.v1");
    }
}

/// `proefrit.dedup`
pub mod dedup {
    /// `proefrit.dedup.v1`
    pub mod v1 {
        tonic::include_proto!("proefrit.dedup.v1");
    }
}

/// `proefrit.lock`
pub mod lock {
    /// `proefrit.lock.v1`
    pub mod v1 {
        tonic::include_proto!("proefrit.lock.v1");
    }
}

/// `proefrit.ratelimit`
pub mod ratelimit {
    /// `proefrit.ratelimit.v1`
    pub mod v1 {
        tonic::include_proto!("proefrit.ratelimit.v1");
    }
}

/// `proefrit.orchestrator`
pub mod orchestrator {
    /// `proefrit.orchestrator.v1`
    pub mod v1 {
        tonic::include_proto!("proefrit.orchestrator.v1");
    }
}

/// `proefrit.channel`
pub mod channel {
    /// `proefrit.channel.v1`
    pub mod v1 {
        tonic::include_proto!("proefrit.channel.v1");
    }
}

/// `proefrit.crm`
pub mod crm {
    /// `proefrit.crm.v1`
    pub mod v1 {
        tonic::include_proto!("proefrit.crm.v1");
    }
}

/// `proefrit.calendar`
pub mod calendar {
    /// `proefrit.calendar.v1`
    pub mod v1 {
        tonic::include_proto!("proefrit.calendar.v1");
    }
}

/// `proefrit.delivery`
pub mod delivery {
    /// `proefrit.delivery.v1`
    pub mod v1 {
        tonic::include_proto!("proefrit.delivery.v1");
    }
}

/// `proefrit.queue`
pub mod queue {
    /// `proefrit.queue.v1`
    pub mod v1 {
        tonic::include_proto!("proefrit.queue.v1");
    }
}

/// `proefrit.privacy`
pub mod privacy {
    /// `proefrit.privacy.v1`
    pub mod v1 {
        tonic::include_proto!("proefrit.privacy.v1");
    }
}
