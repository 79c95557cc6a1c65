package io.pinion.modules;

import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import org.jspecify.annotations.Nullable;

/** What an instance knows of the database it belongs to, for the whole of its life. Called on the instance's thread. */
public interface InstanceHost {
    /** The database's identity. */
    Identity databaseIdentity();

    /** Where log lines of the guest go. Never blocks. */
    ModuleLog log();

    /** Queues a call outside any transaction; an unknown name is only logged. */
    void scheduleImmediate(String functionName, Bytes arguments);

    /** The JSON claims of the token that a live connection authenticated with, or null. */
    @Nullable
    String jwtClaims(ConnectionId connectionId);
}
