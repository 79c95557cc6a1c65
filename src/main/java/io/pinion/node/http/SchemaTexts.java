package io.pinion.node.http;

import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.schema.SchemaJson;
import io.pinion.store.value.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Module definitions as clients read them; writing one costs as much as validating it, so the latest are kept. Threadsafe. */
final class SchemaTexts {
    private static final int KEPT_MAX = 64;

    private final Map<Key, String> latest = new LinkedHashMap<>();

    private record Key(Bytes definition, int version) {}

    /**
     * The JSON of a definition.
     *
     * @param definition the raw description, with its version tag
     * @param version 9 or 10
     */
    String of(Bytes definition, int version) {
        Key key = new Key(definition, version);
        String kept = find(key);
        if (kept != null) {
            return kept;
        }
        String text = write(definition, version);
        keep(key, text);
        return text;
    }

    private static String write(Bytes definition, int version) {
        try {
            return SchemaJson.write(ModuleDef.of(definition), version);
        } catch (InvalidModuleDefException e) {
            throw new IllegalStateException("the definition of a published module is not valid", e);
        }
    }

    private synchronized @Nullable String find(Key key) {
        return latest.get(key);
    }

    private synchronized void keep(Key key, String text) {
        latest.put(key, text);
        if (latest.size() > KEPT_MAX) {
            latest.remove(latest.keySet().iterator().next());
        }
    }
}
