package io.pinion.journal;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What the commit thread knows of the persistence ids it met lately; the rest is read when it is needed. One thread. */
final class Writers {
    private static final int REFUSED_WRITERS_MAX = 8;
    private static final float LOAD_FACTOR = 0.75f;
    private static final int INITIAL_CAPACITY = 64;

    private final StoreReader reader;
    private final int cachedMax;
    private final Map<String, Writer> byId = new LinkedHashMap<>(INITIAL_CAPACITY, LOAD_FACTOR, true);
    private long nextNumber;

    Writers(StoreReader reader, int cachedMax) {
        this.reader = reader;
        this.cachedMax = cachedMax;
        this.nextNumber = reader.nextNumber();
    }

    /** One persistence id. */
    static final class Writer {
        private final String persistenceId;
        private final long number;
        private final Set<String> refused = new LinkedHashSet<>(0);
        private boolean numberStored;
        private boolean changed;
        private WriterState state;

        private Writer(String persistenceId, long number, boolean numberStored, WriterState state) {
            this.persistenceId = persistenceId;
            this.number = number;
            this.numberStored = numberStored;
            this.state = state;
        }

        String persistenceId() {
            return persistenceId;
        }

        long number() {
            return number;
        }

        boolean numberStored() {
            return numberStored;
        }

        void markNumberStored() {
            numberStored = true;
        }

        WriterState state() {
            return state;
        }

        void state(WriterState next) {
            state = next;
        }

        /** @return whether it was not yet marked as changed in this batch */
        boolean markChanged() {
            boolean first = !changed;
            changed = true;
            return first;
        }

        void clearChanged() {
            changed = false;
        }

        boolean isRefused(String writer) {
            return refused.contains(writer);
        }

        /** Once out of step, a writer stays refused: its numbers would come to fit again while it holds other events. */
        void refuse(String writer) {
            if (refused.size() == REFUSED_WRITERS_MAX) {
                Iterator<String> oldest = refused.iterator();
                oldest.next();
                oldest.remove();
            }
            refused.add(writer);
        }
    }

    /** @throws CorruptRecordException if what is stored for the id is damaged */
    Writer of(String persistenceId) {
        Writer known = byId.get(persistenceId);
        if (known != null) {
            return known;
        }
        Writer loaded = load(persistenceId);
        byId.put(persistenceId, loaded);
        return loaded;
    }

    long nextNumber() {
        return nextNumber;
    }

    /** Forgets those not used for longest; called between batches, when nothing known is newer than the store. */
    void trim() {
        Iterator<Writer> oldest = byId.values().iterator();
        while (byId.size() > cachedMax) {
            oldest.next();
            oldest.remove();
        }
    }

    private Writer load(String persistenceId) {
        long number = reader.number(persistenceId);
        if (number == StoreReader.NO_NUMBER) {
            return new Writer(persistenceId, nextNumber++, false, WriterState.EMPTY);
        }
        return new Writer(persistenceId, number, true, reader.state(persistenceId, number));
    }
}
