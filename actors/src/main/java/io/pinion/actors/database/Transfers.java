package io.pinion.actors.database;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.SourceRef;
import org.apache.pekko.stream.SystemMaterializer;
import org.apache.pekko.stream.UniqueKillSwitch;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.StreamConverters;
import org.apache.pekko.stream.javadsl.StreamRefs;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of databases on their way out of a node and into it: streams of bytes, each read or written by a thread that may
 * block, so many at a time. The other end may be on another node. Threadsafe.
 */
final class Transfers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Transfers.class);
    /** Of one element of a stream: they have to fit into a message between nodes. */
    private static final int ELEMENT_BYTES = 64 << 10;

    private final Duration idleTimeout;
    private final Materializer materializer;
    private final Semaphore permits;
    private final ThreadPoolExecutor threads;

    /** Not to be made on a core thread: threads are started here. */
    Transfers(ActorSystem<?> system, TransferSettings settings) {
        this.idleTimeout = settings.idleTimeout();
        this.materializer = SystemMaterializer.get(system).materializer();
        this.permits = new Semaphore(settings.atOnce());
        AtomicInteger count = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                settings.atOnce(),
                settings.atOnce(),
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("pinion-transfer-" + count.incrementAndGet())
                        .unstarted(task));
        threads.prestartAllCoreThreads();
    }

    /** What is to be sent; blocks while the other end does not take it. */
    interface Outgoing {
        /** @param out not to be closed */
        void writeTo(OutputStream out) throws IOException;
    }

    /** What is done with what comes. */
    interface Receiver<T> {
        T readFrom(InputStream in) throws IOException;
    }

    /**
     * Sends something to whoever reads the stream, which has to begin soon. The stream fails if it cannot be written to
     * its end.
     *
     * @throws RejectedExecutionException if too much is under way already
     */
    SourceRef<ByteString> send(Outgoing outgoing) {
        reserve();
        try {
            Pair<Pair<OutputStream, UniqueKillSwitch>, SourceRef<ByteString>> running = StreamConverters.asOutputStream(
                            idleTimeout)
                    .viaMat(KillSwitches.single(), Keep.both())
                    .toMat(StreamRefs.sourceRef(), Keep.both())
                    .run(materializer);
            threads.execute(() ->
                    send(outgoing, running.first().first(), running.first().second()));
            return running.second();
        } catch (RuntimeException e) {
            permits.release();
            throw e;
        }
    }

    private void reserve() {
        if (!permits.tryAcquire()) {
            throw new RejectedExecutionException("too many copies of databases are under way");
        }
    }

    @SuppressWarnings("IllegalCatch") // whatever it is, the other end must not take what it has for everything
    private void send(Outgoing outgoing, OutputStream stream, UniqueKillSwitch failing) {
        try {
            OutputStream out = new BufferedOutputStream(stream, ELEMENT_BYTES);
            outgoing.writeTo(out);
            out.close();
        } catch (Throwable e) {
            log.warn("a copy of a database breaks off: {}", String.valueOf(e.getMessage()));
            failing.abort(e);
        } finally {
            permits.release();
        }
    }

    /**
     * Hands what comes to a receiver. If that fails, the rest is read and dropped, so that whoever sends it learns why.
     *
     * @throws RejectedExecutionException if too much is under way already
     */
    <T> CompletionStage<T> receive(SourceRef<ByteString> bytes, Receiver<T> receiver) {
        reserve();
        try {
            InputStream in = bytes.getSource().runWith(StreamConverters.asInputStream(idleTimeout), materializer);
            return CompletableFuture.supplyAsync(() -> receive(in, receiver), threads)
                    .whenComplete((_, _) -> permits.release());
        } catch (RuntimeException e) {
            permits.release();
            throw e;
        }
    }

    private static <T> T receive(InputStream stream, Receiver<T> receiver) {
        try (InputStream in = stream) {
            try {
                return receiver.readFrom(in);
            } catch (IOException | RuntimeException e) {
                drain(in, e);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void drain(InputStream in, Exception why) {
        try {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /** Those under way go on as long as their streams do. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
