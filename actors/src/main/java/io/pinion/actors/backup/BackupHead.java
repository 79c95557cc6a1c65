package io.pinion.actors.backup;

import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.util.List;

/**
 * What is known of a backup when it is begun. Immutable.
 *
 * @param pinionVersion that wrote it
 * @param names that pointed at the database
 * @param hostType of that program, for people
 * @param programHash Keccak-256 of the program that runs last
 */
public record BackupHead(
        String pinionVersion,
        Identity database,
        List<String> names,
        Identity owner,
        String hostType,
        Bytes programHash) {
    /** Of the archives that are written here; newer ones are refused. */
    public static final int FORMAT_VERSION = 1;

    public BackupHead {
        names = List.copyOf(names);
    }
}
