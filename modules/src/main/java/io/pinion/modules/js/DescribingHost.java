package io.pinion.modules.js;

import io.pinion.modules.InstanceHost;
import io.pinion.modules.ModuleLog;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import org.jspecify.annotations.Nullable;

/** The host of the instance that is only asked what the module is: it belongs to no database. */
enum DescribingHost implements InstanceHost {
    INSTANCE;

    @Override
    public Identity databaseIdentity() {
        return Identity.ZERO;
    }

    @Override
    public ModuleLog log() {
        return _ -> {};
    }

    @Override
    public void scheduleImmediate(String functionName, Bytes arguments) {}

    @Override
    public @Nullable String jwtClaims(ConnectionId connectionId) {
        return null;
    }
}
