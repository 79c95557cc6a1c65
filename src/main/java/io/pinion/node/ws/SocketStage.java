package io.pinion.node.ws;

import io.pinion.node.ws.MessageAssembler.TooLargeException;
import io.pinion.node.ws.MessageAssembler.ViolationException;
import io.pinion.store.value.Bytes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.Function;
import org.apache.pekko.http.impl.engine.ws.FrameEvent;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.stream.stage.TimerGraphStageLogic;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket after its handshake, from frames to messages and back: pings, the idle limit, the close handshake, bounds
 * in both directions.
 *
 * <pre>
 *   open ── close frame sent ──► closing ── the client's close frame, or its time is up ──► ended
 *     └── the client's close frame: it is answered ──────────────────────────────────────► ended
 *     └── idle, too slow, too large, abort ──────────────── no close frame ─────────────► ended
 * </pre>
 */
final class SocketStage extends GraphStage<FlowShape<FrameEvent, FrameEvent>> {
    private static final Logger log = LoggerFactory.getLogger(SocketStage.class);
    private static final byte TEXT = 1;
    private static final byte BINARY = 2;
    private static final byte CLOSE = 8;
    private static final byte PING = 9;
    private static final byte PONG = 10;
    private static final int CODE_BYTES = 2;

    private final Inlet<FrameEvent> in = Inlet.create("WebSocket.in");
    private final Outlet<FrameEvent> out = Outlet.create("WebSocket.out");
    private final FlowShape<FrameEvent, FrameEvent> shape = FlowShape.of(in, out);
    private final WebSocketSettings settings;
    private final Protocol protocol;
    private final Compression compression;
    private final Function<Socket, Socket.Receiver> session;

    /** @param session is given the way out and gives where messages go */
    SocketStage(
            WebSocketSettings settings,
            Protocol protocol,
            Compression compression,
            Function<Socket, Socket.Receiver> session) {
        this.settings = settings;
        this.protocol = protocol;
        this.compression = compression;
        this.session = session;
    }

    @Override
    public FlowShape<FrameEvent, FrameEvent> shape() {
        return shape;
    }

    @Override
    public GraphStageLogic createLogic(Attributes attributes) {
        return new Logic();
    }

    private enum Timer {
        PING,
        IDLE,
        CLOSE
    }

    private final class Logic extends TimerGraphStageLogic implements Socket, MessageAssembler.Sink {
        private final MessageAssembler assembler = new MessageAssembler(settings.messageBytesMax(), this);
        private final PayloadPacker packer = new PayloadPacker(protocol, compression);
        private final AsyncCallback<Runnable> inside = createAsyncCallback(Runnable::run);
        private final Deque<Bytes> messages = new ArrayDeque<>();
        private long messageBytes;
        private long incomingBytes;
        private long receivedNanos;
        private boolean isPingDue;
        private boolean isPingUnanswered;
        private @Nullable FrameEvent pong;
        private @Nullable FrameEvent closing;
        private boolean isClosing;
        private @Nullable Receiver receiver;

        Logic() {
            super(shape);
            setHandler(in, new In());
            setHandler(out, new Out());
        }

        @Override
        public void preStart() {
            receivedNanos = System.nanoTime();
            receiver = session.apply(this);
            scheduleWithFixedDelay(Timer.PING, Duration.ZERO, settings.pingInterval());
            Duration idleCheck = settings.idleTimeout().dividedBy(4);
            scheduleWithFixedDelay(Timer.IDLE, idleCheck, idleCheck);
            pull(in);
        }

        @Override
        public void postStop() {
            if (receiver != null) {
                receiver.gone();
            }
        }

        @Override
        public void onTimer(Object timer) {
            switch ((Timer) timer) {
                case PING -> {
                    if (!isPingUnanswered && !isClosing) {
                        isPingUnanswered = true;
                        isPingDue = true;
                        pump();
                    }
                }
                case IDLE -> {
                    if (isHeldBack()) {
                        receivedNanos = System.nanoTime(); // it may have said much that was not read
                    } else if (System.nanoTime() - receivedNanos
                            > settings.idleTimeout().toNanos()) {
                        end("the client has said nothing for " + settings.idleTimeout());
                    }
                }
                case CLOSE -> completeStage();
            }
        }

        private final class In extends AbstractInHandler {
            @Override
            public void onPush() {
                receivedNanos = System.nanoTime();
                try {
                    assembler.part(grab(in));
                    pullIfRoom();
                } catch (ViolationException e) {
                    beginClose(CloseCodes.PROTOCOL_ERROR, String.valueOf(e.getMessage()));
                } catch (TooLargeException e) {
                    end(String.valueOf(e.getMessage()));
                }
            }

            @Override
            public void onUpstreamFinish() {
                completeStage();
            }

            @Override
            public void onUpstreamFailure(Throwable failure) {
                log.debug("a WebSocket has failed: {}", failure.toString());
                completeStage();
            }
        }

        private final class Out extends AbstractOutHandler {
            @Override
            public void onPull() {
                pump();
            }
        }

        private void pullIfRoom() {
            if (!isHeldBack() && !hasBeenPulled(in) && !isClosed(in)) {
                pull(in);
            }
        }

        /** Whether nothing is read until some of what came is dealt with. */
        private boolean isHeldBack() {
            return incomingBytes > settings.incomingBytesMax();
        }

        /** Sends what is next, if the other side takes anything. */
        private void pump() {
            if (!isAvailable(out)) {
                return;
            }
            if (pong != null) {
                push(out, pong);
                pong = null;
            } else if (isPingDue) {
                push(out, frame(PING, new byte[0]));
                isPingDue = false;
            } else if (!messages.isEmpty()) {
                push(out, frame(protocol.isText() ? TEXT : BINARY, packer.next(messages)));
                messageBytes -= packer.bytesTaken();
            } else if (closing != null) {
                push(out, closing);
                closing = null;
                scheduleOnce(Timer.CLOSE, settings.closeHandshakeTimeout());
            }
        }

        private static FrameEvent frame(byte opcode, byte[] payload) {
            return FrameEvent.fullFrame(
                    org.apache.pekko.http.impl.engine.ws.Protocol.Opcode$.MODULE$.forCode(opcode),
                    scala.Option.empty(),
                    ByteString.fromArrayUnsafe(payload),
                    true,
                    false,
                    false,
                    false);
        }

        private void end(String why) {
            log.debug("a WebSocket is dropped: {}", why);
            failStage(new DroppedException(why));
        }

        private void beginClose(int code, String reason) {
            if (!isClosing) {
                isClosing = true;
                closing = frame(CLOSE, CloseCodes.payload(code, reason));
                pump();
            }
        }

        @Override
        public void message(byte[] payload, boolean isText) {
            if (receiver != null && !isClosing) {
                incomingBytes += payload.length;
                receiver.message(payload, isText);
            }
        }

        @Override
        public void ping(byte[] payload) {
            if (!isClosing) {
                pong = frame(PONG, payload); // of several pings the newest counts
                pump();
            }
        }

        @Override
        public void pong() {
            isPingUnanswered = false;
        }

        /** Answers with the same code; what was not sent yet is not sent any more. */
        @Override
        public void close(byte[] payload) {
            if (isClosing) {
                completeStage();
                return;
            }
            isClosing = true;
            messages.clear();
            byte[] code = Arrays.copyOf(payload, Math.min(payload.length, CODE_BYTES));
            emit(out, frame(CLOSE, code), this::completeStage);
        }

        @Override
        public void send(Bytes message) {
            inside.invoke(() -> enqueue(message));
        }

        private void enqueue(Bytes message) {
            if (isClosing) {
                return;
            }
            boolean isFull = messages.size() >= settings.outgoingCountMax()
                    || (!messages.isEmpty() && messageBytes + message.length() > settings.outgoingBytesMax());
            if (isFull) {
                end("the client reads too slowly");
                return;
            }
            messages.add(message);
            messageBytes += message.length();
            pump();
        }

        @Override
        public void close(int code, String reason) {
            inside.invoke(() -> beginClose(code, reason));
        }

        @Override
        public void abort(String why) {
            inside.invoke(() -> end(why));
        }

        @Override
        public void taken(int bytes) {
            inside.invoke(() -> {
                incomingBytes -= bytes;
                pullIfRoom();
            });
        }
    }

    /** Ends the TCP connection at once. */
    private static final class DroppedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DroppedException(String why) {
            super(why, null, false, false);
        }
    }
}
