package io.pinion.store.tx;

import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a datastore does not know of itself and {@code st_module} tells: whose it is and which program made its tables.
 * Immutable.
 *
 * @param database the database's own identity
 * @param programHash 32 bytes, Keccak-256 of the program
 * @param program asked whenever somebody who may see it reads the table, by the thread that reads; must not block. Empty
 *     if the program is not at hand, which shows as an empty one
 */
public record ModuleFacts(
        Identity database, Identity owner, ProgramKind kind, Bytes programHash, Supplier<Optional<Bytes>> program) {
    /** The number in the table is the ordinal. */
    public enum ProgramKind {
        WASM,
        JAVASCRIPT
    }
}
