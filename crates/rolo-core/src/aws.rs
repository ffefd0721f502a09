//! The only home of the SDK.
