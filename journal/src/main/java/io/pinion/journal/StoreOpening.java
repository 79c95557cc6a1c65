package io.pinion.journal;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a directory, or says by name why not. In this order: the format is read before RocksDB is opened; RocksDB
 * replays its log and refuses damage in it; the end of that log is compared with the mark.
 */
final class StoreOpening {
    private static final Logger log = LoggerFactory.getLogger(StoreOpening.class);

    private final JournalSettings settings;
    private final Path directory;

    private StoreOpening(JournalSettings settings) {
        this.settings = settings;
        this.directory = settings.directory();
    }

    /** What an open directory consists of. */
    record OpenStore(Database database, HighWaterMark mark) {}

    static OpenStore open(JournalSettings settings) {
        return new StoreOpening(settings).open();
    }

    private OpenStore open() {
        try {
            Files.createDirectories(directory);
            boolean created = prepareFormat();
            Database database = Database.open(settings);
            try {
                return new OpenStore(database, compareMark(database, created));
            } catch (IOException | RuntimeException e) {
                database.close();
                throw e;
            }
        } catch (AccessDeniedException e) {
            throw new JournalOpenException("the journal directory " + directory + " is not writable", e);
        } catch (IOException e) {
            throw new JournalOpenException("the journal directory " + directory + " cannot be used: " + e, e);
        } catch (RocksDBException e) {
            throw refused(e);
        }
    }

    /** @return whether the store is new */
    private boolean prepareFormat() throws IOException {
        if (FormatFile.exists(directory)) {
            FormatFile.requireReadable(directory);
            return !Files.exists(directory.resolve(Database.FOLDER));
        }
        if (Files.exists(directory.resolve(Database.FOLDER)) || Files.exists(directory.resolve(HighWaterMark.NAME))) {
            throw new JournalOpenException("the journal directory " + directory + " holds data, but the file "
                    + FormatFile.NAME + " that names its format is missing");
        }
        FormatFile.create(directory);
        return true;
    }

    private HighWaterMark compareMark(Database database, boolean created) throws IOException {
        HighWaterMark mark = HighWaterMark.open(directory);
        try {
            long recovered = database.latestSequence();
            long marked = mark.sequence();
            boolean unmarked = marked < 0 && !created && recovered > 0;
            if (unmarked || recovered < marked) {
                acceptOrRefuse(recovered, marked);
            }
            mark.advance(recovered);
            mark.sync();
            return mark;
        } catch (IOException | RuntimeException e) {
            mark.close();
            throw e;
        }
    }

    private void acceptOrRefuse(long recovered, long marked) {
        String found = marked < 0
                ? "the mark of the last synced write in " + directory.resolve(HighWaterMark.NAME)
                        + " is missing or damaged"
                : "the journal in " + directory + " has lost the end of its log: it ends at operation " + recovered
                        + ", but operation " + marked + " was acknowledged";
        if (!settings.acceptLostTail()) {
            throw new JournalOpenException(found + "; restore a backup, or set "
                    + "pinion.journal.rocksdb.accept-lost-tail = on for one start to go on without what was lost");
        }
        log.warn("{}; accepted, as accept-lost-tail is on", found);
    }

    private JournalOpenException refused(RocksDBException e) {
        String reason = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (reason.contains("while lock file") || reason.contains("lock hold by")) {
            return new JournalOpenException(
                    "the journal directory " + directory + " is in use by another process or actor system", e);
        }
        if (reason.contains("permission denied") || reason.contains("read-only file system")) {
            return new JournalOpenException("the journal directory " + directory + " is not writable", e);
        }
        if (reason.contains("no space left")) {
            return new JournalOpenException("the disk of the journal directory " + directory + " is full", e);
        }
        return new JournalOpenException(
                "the journal in " + directory + " is damaged or cannot be read: " + e.getMessage(), e);
    }
}
