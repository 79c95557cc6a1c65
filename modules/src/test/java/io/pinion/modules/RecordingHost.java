package io.pinion.modules;

import io.pinion.modules.ModuleLog.LogRecord;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A host that keeps what its guests log and schedule. */
public final class RecordingHost implements InstanceHost {
    public static final Identity DATABASE = new Identity(1, 2, 3, 4);

    public final List<LogRecord> lines = new CopyOnWriteArrayList<>();
    public final Map<String, Bytes> scheduled = new ConcurrentHashMap<>();
    public final Map<ConnectionId, String> claims = new ConcurrentHashMap<>();

    @Override
    public Identity databaseIdentity() {
        return DATABASE;
    }

    @Override
    public ModuleLog log() {
        return lines::add;
    }

    @Override
    public void scheduleImmediate(String functionName, Bytes arguments) {
        scheduled.put(functionName, arguments);
    }

    @Override
    public @Nullable String jwtClaims(ConnectionId connectionId) {
        return claims.get(connectionId);
    }

    public List<String> messages() {
        return lines.stream().map(LogRecord::message).toList();
    }
}
