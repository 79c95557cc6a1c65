package io.pinion.modules.wasm;

import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.ModuleLog;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import org.jspecify.annotations.Nullable;

/** The host of the instance that only describes its module: it belongs to no database. */
final class DescribingHost implements InstanceHost {
    private @Nullable String lastError;

    @Override
    public Identity databaseIdentity() {
        return Identity.ZERO;
    }

    @Override
    public ModuleLog log() {
        return record -> {
            if (record.level() == Level.ERROR || record.level() == Level.PANIC) {
                lastError = record.message();
            }
        };
    }

    @Override
    public void scheduleImmediate(String functionName, Bytes arguments) {
        // There is no database that could run it, and a module that is only being described has no business to call.
    }

    @Override
    public @Nullable String jwtClaims(ConnectionId connectionId) {
        return null;
    }

    /** A panic hook logs what went wrong before the trap, which alone says little. */
    InvalidModuleException withLastError(InvalidModuleException failure) {
        return lastError == null
                ? failure
                : new InvalidModuleException(failure.getMessage() + "; the module logged: " + lastError, failure);
    }
}
