package io.pinion.actors.backup;

import java.util.Locale;

/** What stands in the parts of an archive; its name is how theirs end. */
public enum PartKind {
    /** A program, whole. */
    PROGRAM,
    /** What {@link io.pinion.actors.durability.IndexCodec} makes of a snapshot whose chunks are in no log. */
    STATE,
    /** Chunks of the state before, as a snapshot has them. */
    ROWS,
    /** Blocks of entries: {@link io.pinion.actors.durability.EntryBlock}. */
    LOG;

    String suffix() {
        return name().toLowerCase(Locale.ROOT);
    }
}
