package io.pinion.actors.log;

import io.pinion.modules.ModuleLog;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ModuleLog.LogRecord;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The module logs of a node and the one thread that writes them. Appending, reading and following of one log happen in the
 * order of the calls. Threadsafe; nothing here blocks its caller, {@link #close} excepted.
 *
 * <p>Lines beyond the bound of the queue are dropped; how many, the log itself says when there is room again. A disk that
 * does not take lines drops them likewise.
 */
public final class ModuleLogs implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ModuleLogs.class);
    private static final int OPEN_FILES_MAX = 128;
    private static final int ITEMS_PER_FLUSH_MAX = 4096;
    private static final int LINE_OVERHEAD_BYTES = 200;
    private static final int FRAME_BYTES = 100;

    private final Path directory;
    private final LogSettings settings;
    private final Executor readers;
    private final InstantSource clock;
    private final ConcurrentLinkedQueue<Item> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread writer;
    private volatile boolean isParked;
    private volatile boolean isClosed;

    /** The writer's own: logs with an open file, least recently written first. */
    private final LinkedHashMap<Identity, DatabaseLog> openFiles = new LinkedHashMap<>(16, 0.75f, true);

    private final Map<Identity, DatabaseLog> logs = new ConcurrentHashMap<>();

    private sealed interface Item {
        /** @param bytes about what it takes in memory */
        record Line(DatabaseLog target, LogRecord record, int bytes) implements Item {}

        /** Something to do when everything before it is in the files. */
        record Action(Runnable action) implements Item {}
    }

    /**
     * @param directory gets a folder per database
     * @param readers run what reads whole files
     */
    public ModuleLogs(Path directory, LogSettings settings, Executor readers, InstantSource clock) {
        this.directory = directory;
        this.settings = settings;
        this.readers = readers;
        this.clock = clock;
        this.writer = Thread.ofPlatform().name("pinion-module-log").daemon().unstarted(this::run);
    }

    /** Starts the writer. */
    public void start() {
        writer.start();
    }

    /** The log of one database; the same object for the same database. */
    public ModuleLog of(Identity database) {
        return database(database);
    }

    private DatabaseLog database(Identity database) {
        return logs.computeIfAbsent(database, DatabaseLog::new);
    }

    /**
     * The newest lines, oldest first, everything appended before included.
     *
     * @param lineCountMax negative for all there is
     * @param receiver called by another thread, once
     */
    public void read(Identity database, int lineCountMax, Consumer<List<String>> receiver) {
        DatabaseLog target = database(database);
        enqueue(new Item.Action(() -> readers.execute(() -> receiver.accept(target.read(lineCountMax)))));
    }

    /**
     * As {@link #read}, then every new line, in batches, until {@link #unfollow}. No line is missing or twice.
     *
     * @param receiver called by the writer: must be fast
     */
    public void follow(Identity database, int lineCountMax, Consumer<List<String>> receiver) {
        DatabaseLog target = database(database);
        int linesMax = settings.followLinesMax();
        int lines = lineCountMax < 0 ? linesMax : Math.min(lineCountMax, linesMax);
        enqueue(new Item.Action(() -> {
            receiver.accept(target.read(lines));
            target.followers.add(receiver);
        }));
    }

    public void unfollow(Identity database, Consumer<List<String>> receiver) {
        DatabaseLog target = database(database);
        enqueue(new Item.Action(() -> target.followers.remove(receiver)));
    }

    /** Removes the files of a database. */
    public void delete(Identity database) {
        DatabaseLog target = database(database);
        enqueue(new Item.Action(() -> {
            openFiles.remove(database);
            logs.remove(database);
            target.delete();
        }));
    }

    private void enqueue(Item item) {
        queue.add(item);
        if (isParked) {
            LockSupport.unpark(writer);
        }
    }

    private void run() {
        try {
            while (!isClosed || !queue.isEmpty()) {
                if (!writeSome()) {
                    isParked = true;
                    if (queue.isEmpty() && !isClosed) {
                        LockSupport.park(this);
                    }
                    isParked = false;
                }
            }
            flush();
            closeFiles(0);
        } finally {
            ended.countDown();
        }
    }

    /** Writes what is there, up to a limit, and makes it visible. */
    private boolean writeSome() {
        int written = 0;
        Item item = queue.poll();
        while (item != null) {
            carryOut(item);
            written++;
            item = written < ITEMS_PER_FLUSH_MAX ? queue.poll() : null;
        }
        if (written > 0) {
            flush();
        }
        return written > 0;
    }

    @SuppressWarnings("IllegalCatch") // a follower or a line that cannot be written must not end the log of all others
    private void carryOut(Item item) {
        try {
            switch (item) {
                case Item.Line line -> write(line);
                case Item.Action(Runnable action) -> {
                    flush();
                    action.run();
                }
            }
        } catch (RuntimeException e) {
            log.error("the module log could not do what it was asked", e);
        }
    }

    private void write(Item.Line line) {
        DatabaseLog target = line.target();
        openFiles.put(target.database, target);
        target.write(line.record());
        queuedBytes.addAndGet(-line.bytes());
        closeFiles(OPEN_FILES_MAX);
    }

    private void flush() {
        openFiles.values().forEach(DatabaseLog::flush);
    }

    private void closeFiles(int keep) {
        while (openFiles.size() > keep) {
            DatabaseLog eldest = openFiles.pollFirstEntry().getValue();
            eldest.flush();
            eldest.close();
        }
    }

    /** Writes what was appended before and ends the writer. */
    @Override
    public void close() {
        isClosed = true;
        LockSupport.unpark(writer);
        try {
            if (!ended.await(10, TimeUnit.SECONDS)) {
                log.warn("the module logs were not written in time; about {} bytes are left", queuedBytes.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The log of one database. All but {@link #append} and {@link #read} is the writer's. */
    private final class DatabaseLog implements ModuleLog {
        private final Identity database;
        private final LogFiles files;
        private final List<Consumer<List<String>>> followers = new ArrayList<>();
        private final List<String> unseen = new ArrayList<>();
        private final AtomicLong dropped = new AtomicLong();
        private boolean isFailing;

        DatabaseLog(Identity database) {
            this.database = database;
            this.files = new LogFiles(directory.resolve(database.toHex()), settings.bytesMax());
        }

        @Override
        public void append(LogRecord record) {
            int bytes =
                    2 * record.message().length() + FRAME_BYTES * record.trace().size() + LINE_OVERHEAD_BYTES;
            if (queuedBytes.addAndGet(bytes) > settings.queueBytesMax() || isClosed) {
                queuedBytes.addAndGet(-bytes);
                dropped.incrementAndGet();
                return;
            }
            enqueue(new Item.Line(this, record, bytes));
        }

        List<String> read(int lineCountMax) {
            try {
                return files.read(lineCountMax, settings.readBytesMax());
            } catch (IOException e) {
                log.warn("the module log of database {} cannot be read", database, e);
                return List.of();
            }
        }

        void write(LogRecord record) {
            long lost = dropped.getAndSet(0);
            if (lost > 0) {
                writeLine(LogRecord.system(
                        Level.WARN,
                        record.timestampMicros(),
                        lost + " lines were dropped: more was logged than could be written"));
            }
            writeLine(record);
        }

        private void writeLine(LogRecord record) {
            String line = LogLine.json(record);
            try {
                files.append(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC), line);
                isFailing = false;
                if (!followers.isEmpty()) {
                    unseen.add(line);
                }
            } catch (IOException e) {
                failed(e);
            }
        }

        void flush() {
            try {
                files.flush();
            } catch (IOException e) {
                failed(e);
            }
            if (!unseen.isEmpty()) {
                List<String> lines = List.copyOf(unseen);
                unseen.clear();
                followers.forEach(follower -> follower.accept(lines));
            }
        }

        private void failed(IOException cause) {
            dropped.incrementAndGet();
            if (!isFailing) {
                isFailing = true;
                log.error("the module log of database {} cannot be written; lines are dropped", database, cause);
            }
        }

        void close() {
            try {
                files.close();
            } catch (IOException e) {
                failed(e);
            }
        }

        void delete() {
            try {
                files.delete();
            } catch (IOException e) {
                log.warn("the module log of database {} cannot be deleted", database, e);
            }
        }
    }
}
