package io.pinion.node.cli;

import io.pinion.actors.backup.BackupManifest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** Backups in words. */
final class BackupText {
    private BackupText() {}

    /** What is in one, in a line. */
    static String line(BackupManifest manifest) {
        List<String> names = manifest.head().names();
        return "%s, %s, %d rows in %d tables, %s"
                .formatted(
                        names.isEmpty() ? manifest.head().database().toHex() : names.getFirst(),
                        points(manifest),
                        manifest.rows(),
                        manifest.tables().size(),
                        bytes(manifest.bytes()));
    }

    private static String points(BackupManifest manifest) {
        return manifest.hasLog()
                ? "offsets " + manifest.first().offset() + " (" + time(manifest.first()) + ") to "
                        + manifest.last().offset() + " (" + time(manifest.last()) + ")"
                : "offset " + manifest.last().offset() + " (" + time(manifest.last()) + ")";
    }

    /** Everything that is known of one, in lines. */
    static List<String> details(BackupManifest manifest) {
        return List.of(
                "  identity " + manifest.head().database().toHex(),
                "  owner    " + manifest.head().owner().toHex(),
                "  program  " + manifest.head().programHash().toHex() + " ("
                        + manifest.head().hostType().toLowerCase(Locale.ROOT) + "), by Pinion "
                        + manifest.head().pinionVersion());
    }

    private static Instant time(BackupManifest.Point point) {
        return Instant.EPOCH.plus(point.timeMicros(), ChronoUnit.MICROS);
    }

    static String bytes(long bytes) {
        return bytes < 1000 ? bytes + " B" : String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
    }
}
