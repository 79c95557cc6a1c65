package io.pinion.store.schema;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values that are the same for everybody who asks with an equal key, as long as somebody holds them. Values must be
 * immutable: whether one is shared is then no more visible than whether a string is interned. Threadsafe; the lock is
 * held for a look into a map.
 */
public final class WeakPool<K, V> {
    private final Map<K, Entry<K, V>> entries = new HashMap<>();
    private final ReferenceQueue<V> unreachable = new ReferenceQueue<>();

    private static final class Entry<K, V> extends WeakReference<V> {
        private final K key;

        Entry(K key, V value, ReferenceQueue<V> unreachable) {
            super(value, unreachable);
            this.key = key;
        }
    }

    public synchronized @Nullable V find(K key) {
        forgetUnreachable();
        Entry<K, V> entry = entries.get(key);
        return entry == null ? null : entry.get();
    }

    /** The value that everybody has for that key from now on: the one that is there, else this one. */
    public synchronized V share(K key, V value) {
        V existing = find(key);
        if (existing != null) {
            return existing;
        }
        // The old key goes with the old entry, which it may be all that refers to.
        entries.remove(key);
        entries.put(key, new Entry<>(key, value, unreachable));
        return value;
    }

    private void forgetUnreachable() {
        for (Reference<? extends V> gone = unreachable.poll(); gone != null; gone = unreachable.poll()) {
            if (gone instanceof Entry<?, ?> entry) {
                entries.remove(entry.key, entry);
            }
        }
    }
}
