package io.pinion.modules.js;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.ContextLocal;
import com.oracle.truffle.api.exception.AbstractTruffleException;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.instrumentation.ExecutionEventNode;
import com.oracle.truffle.api.instrumentation.InstrumentableNode;
import com.oracle.truffle.api.instrumentation.Instrumenter;
import com.oracle.truffle.api.instrumentation.SourceSectionFilter;
import com.oracle.truffle.api.instrumentation.StandardTags;
import com.oracle.truffle.api.instrumentation.Tag;
import com.oracle.truffle.api.instrumentation.TruffleInstrument;
import com.oracle.truffle.api.instrumentation.provider.TruffleInstrumentProvider;
import com.oracle.truffle.api.nodes.Node;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ends a guest's recursion before the JVM's stack ends.
 *
 * <p>The engine would turn a {@link StackOverflowError} into a RangeError that the guest may catch, and that is not safe:
 * a function that calls itself in {@code catch} or {@code finally} runs for 2 to the power of the depth, at a depth where
 * the engine cannot handle a request to stop either, as that takes stack; and the error strikes in the midst of whatever
 * the engine does, holding a lock that all contexts share, for example. So the depth of guest functions is counted, and
 * beyond {@link CallDepth#MAX} the call is ended with what the guest cannot catch: a {@link ThreadDeath}, as in
 * {@link Border}.
 *
 * <p>What counts is a function with a frame of its own on the stack: one that is interpreted, or that machine code was
 * made of. Functions that the compiler put into it take no frame, and not to count them makes counting almost free. Code
 * may be left while such a function runs: it then goes on in the interpreter, uncounted. So each function notes in its
 * frame whether it was counted.
 *
 * <p>A function counts as more than one level if it is a generator, which is entered through functions of the engine, or if
 * its expressions are nested by the dozen, as the interpreter nests its own calls with them. The engine's own recursion (a
 * sort inside a comparator inside a sort) shows only through the guest functions in between. If the stack ends for all
 * that, the call is ended in the same way once the error reaches a {@code try} of the guest or leaves one of its functions.
 *
 * <p>When a call was asked to stop, no function begins any more, counted or not, and what ends one ends them all. The engine's
 * own way to end a call takes stack that its deepest functions do not have, and its promises catch what it throws: without
 * this, recursion that goes on after each end of the stack, as the engine itself catches it for a promise, would run for 2 to
 * the power of the functions that fit into what is missing, and each of some thousand promises would walk the whole stack for
 * a trace.
 *
 * <p>Functions of WebAssembly count as those of JavaScript do: {@link CountedWebAssembly} sees to it.
 */
public final class CallDepthInstrument extends TruffleInstrument {
    static final String ID = "pinion-call-depth";

    /** The interpreter takes about 200 bytes per node; the trees of most functions are 5 to 20 nodes high. */
    private static final int NODES_PER_LEVEL = 20;

    private final ContextLocal<CallDepth.Counter> counters =
            locals.createContextLocal(context -> new CallDepth.Counter());

    @Override
    protected void onCreate(Env env) {
        env.registerService(new CallDepth(counters));
        Instrumenter instrumenter = env.getInstrumenter();
        instrumenter.attachExecutionEventFactory(
                guestCode(StandardTags.RootTag.class),
                context -> new FunctionNode(counters, levels(context.getInstrumentedNode())));
        instrumenter.attachExecutionEventFactory(
                guestCode(StandardTags.RootBodyTag.class),
                context -> isInRoot(context.getInstrumentedNode())
                        ? null
                        : new FunctionNode(counters, 1 + levels(context.getInstrumentedNode())));
        instrumenter.attachExecutionEventFactory(
                guestCode(StandardTags.TryBlockTag.class), context -> new TryNode(counters));
    }

    /**
     * Whether a function's body is in what counts already. That of a generator is not: a root has to have a place in the
     * source, which the engine gives to the function that makes the generator alone, and that has returned long since.
     */
    private static boolean isInRoot(Node body) {
        for (Node node = body; node != null; node = node.getParent()) {
            if (node instanceof InstrumentableNode part
                    && part.hasTag(StandardTags.RootTag.class)
                    && node.getSourceSection() != null) {
                return true;
            }
        }
        return false;
    }

    /** By the stack that the interpreter takes for it. */
    private static int levels(Node function) {
        return 1 + height(function) / NODES_PER_LEVEL;
    }

    private static int height(Node node) {
        int highest = 0;
        for (Node child : node.getChildren()) {
            highest = Math.max(highest, height(child));
        }
        return highest + 1;
    }

    private static boolean isEndOfStack(Throwable exception) {
        return exception instanceof StackOverflowError
                || (exception instanceof AbstractTruffleException
                        && exception.getCause() instanceof StackOverflowError);
    }

    private static SourceSectionFilter guestCode(Class<? extends Tag> tag) {
        return SourceSectionFilter.newBuilder()
                .tagIs(tag)
                .includeInternal(false)
                .build();
    }

    @SuppressWarnings("removal") // ThreadDeath: see the class comment of Border
    private static ThreadDeath exceeded(CallDepth.Counter counter) {
        counter.isExceeded = true;
        return counter.end;
    }

    /** At each function, and each time a generator goes on: some levels deeper while it runs. */
    private static final class FunctionNode extends ExecutionEventNode {
        private static final int UNKNOWN = -1;

        private final ContextLocal<CallDepth.Counter> counters;
        private final int levels;
        /** Of the frame: the counter if the function was counted, else null. */
        @CompilationFinal
        private int slot = UNKNOWN;

        FunctionNode(ContextLocal<CallDepth.Counter> counters, int levels) {
            this.counters = counters;
            this.levels = levels;
        }

        @Override
        protected void onEnter(VirtualFrame frame) {
            if (slot == UNKNOWN) {
                CompilerDirectives.transferToInterpreterAndInvalidate();
                slot = frame.getFrameDescriptor().findOrAddAuxiliarySlot(CallDepthInstrument.class);
            }
            CallDepth.Counter counter = counters.get();
            if (CompilerDirectives.inInterpreter() || CompilerDirectives.inCompilationRoot()) {
                frame.setAuxiliarySlot(slot, counter);
                counter.depth += levels;
                if (counter.depth > CallDepth.MAX) {
                    CompilerDirectives.transferToInterpreter();
                    throw exceeded(counter);
                }
            } else {
                frame.setAuxiliarySlot(slot, null);
            }
            if (counter.isStopped) {
                CompilerDirectives.transferToInterpreter();
                throw counter.end;
            }
        }

        @Override
        protected void onReturnValue(VirtualFrame frame, @Nullable Object result) {
            leave(frame);
        }

        @Override
        protected void onReturnExceptional(VirtualFrame frame, Throwable exception) {
            leave(frame);
            CallDepth.Counter counter = counters.get();
            if (counter.isStopped) {
                CompilerDirectives.transferToInterpreter();
                throw counter.end;
            }
            if (isEndOfStack(exception)) {
                CompilerDirectives.transferToInterpreter();
                throw exceeded(counter);
            }
        }

        @Override
        protected void onYield(VirtualFrame frame, @Nullable Object value) {
            leave(frame);
        }

        @Override
        protected void onResume(VirtualFrame frame) {
            onEnter(frame);
        }

        private void leave(VirtualFrame frame) {
            if (frame.getAuxiliarySlot(slot) instanceof CallDepth.Counter counter) {
                counter.depth -= levels;
            }
        }
    }

    /** At each {@code try}: the end of the stack is not for the guest to catch. */
    private static final class TryNode extends ExecutionEventNode {
        private final ContextLocal<CallDepth.Counter> counters;

        TryNode(ContextLocal<CallDepth.Counter> counters) {
            this.counters = counters;
        }

        @Override
        protected void onReturnExceptional(VirtualFrame frame, Throwable exception) {
            if (isEndOfStack(exception)) {
                CompilerDirectives.transferToInterpreter();
                throw exceeded(counters.get());
            }
        }
    }

    /** Found by the engine through {@code META-INF/services}. */
    @Registration(id = ID, name = "Depth of guest calls", services = CallDepth.class)
    public static final class Provider extends TruffleInstrumentProvider {
        @Override
        protected String getInstrumentClassName() {
            return CallDepthInstrument.class.getName();
        }

        @Override
        protected Object create() {
            return new CallDepthInstrument();
        }

        @Override
        protected Collection<String> getServicesClassNames() {
            return List.of(CallDepth.class.getName());
        }

        @Override
        protected List<String> getInternalResourceIds() {
            return List.of();
        }

        @Override
        protected Object createInternalResource(String resourceId) {
            throw new IllegalArgumentException("there are no internal resources, resourceId=" + resourceId);
        }
    }
}
