package io.pinion.modules.js;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.ContextLocal;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.instrumentation.ExecutionEventNode;
import com.oracle.truffle.api.instrumentation.SourceSectionFilter;
import com.oracle.truffle.api.instrumentation.StandardTags.RootTag;
import com.oracle.truffle.api.instrumentation.TruffleInstrument;
import com.oracle.truffle.api.instrumentation.provider.TruffleInstrumentProvider;
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
 * <p>It counts at every function of the guest and costs up to a quarter of the time of a short call of six host calls. The
 * engine's own recursion (a sort inside a comparator inside a sort) shows only through the guest functions in between.
 */
public final class CallDepthInstrument extends TruffleInstrument {
    static final String ID = "pinion-call-depth";

    private final ContextLocal<CallDepth.Counter> counters =
            locals.createContextLocal(context -> new CallDepth.Counter());

    @Override
    protected void onCreate(Env env) {
        env.registerService(new CallDepth(counters));
        SourceSectionFilter guestFunctions = SourceSectionFilter.newBuilder()
                .tagIs(RootTag.class)
                .includeInternal(false)
                .build();
        env.getInstrumenter().attachExecutionEventFactory(guestFunctions, context -> new FunctionNode(counters));
    }

    /** At each function: one level deeper while it runs. */
    private static final class FunctionNode extends ExecutionEventNode {
        private final ContextLocal<CallDepth.Counter> counters;

        FunctionNode(ContextLocal<CallDepth.Counter> counters) {
            this.counters = counters;
        }

        @Override
        protected void onEnter(VirtualFrame frame) {
            CallDepth.Counter counter = counters.get();
            if (++counter.depth > CallDepth.MAX) {
                CompilerDirectives.transferToInterpreter();
                counter.isExceeded = true;
                throw end();
            }
        }

        @SuppressWarnings("removal") // ThreadDeath: see the class comment of Border
        private static ThreadDeath end() {
            return new ThreadDeath();
        }

        @Override
        protected void onReturnValue(VirtualFrame frame, @Nullable Object result) {
            counters.get().depth--;
        }

        @Override
        protected void onReturnExceptional(VirtualFrame frame, Throwable exception) {
            counters.get().depth--;
        }

        @Override
        protected void onYield(VirtualFrame frame, @Nullable Object value) {
            counters.get().depth--;
        }

        @Override
        protected void onResume(VirtualFrame frame) {
            onEnter(frame);
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
