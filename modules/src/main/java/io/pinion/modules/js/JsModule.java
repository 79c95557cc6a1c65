package io.pinion.modules.js;

import io.pinion.modules.HostType;
import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.value.Bytes;
import java.util.List;
import java.util.Optional;

/** A JavaScript program that has been parsed, run once and described. Threadsafe. */
public final class JsModule implements Module {
    private final Bytes program;
    private final JsProgram parsed;
    private final ModuleDef definition;
    private final Optional<Bytes> guestLibrary;

    private JsModule(Bytes program, JsProgram parsed, ModuleDef definition, Optional<Bytes> guestLibrary) {
        this.program = program;
        this.parsed = parsed;
        this.definition = definition;
        this.guestLibrary = guestLibrary;
    }

    /**
     * Parses a program, runs it in a context of its own that is thrown away again, and validates its description.
     *
     * @throws InvalidModuleException if the text is not UTF-8 or not JavaScript, imports what does not exist, throws, does
     *     not end, lacks its hooks or describes itself wrongly; with the position in the author's file where there is one
     */
    public static JsModule load(Bytes program, ModuleLimits limits) throws InvalidModuleException {
        if (program.length() > limits.programBytesMax()) {
            throw new InvalidModuleException(
                    "the program has " + program.length() + " bytes; the limit is " + limits.programBytesMax());
        }
        JsProgram parsed = JsProgram.parse(program);
        try (JsInstance instance = JsInstance.create(parsed, DescribingHost.INSTANCE, LoadDeadline.LIMIT)) {
            return new JsModule(program, parsed, ModuleDef.of(instance.description()), instance.guestLibrary());
        } catch (InvalidModuleDefException e) {
            throw new InvalidModuleException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public HostType hostType() {
        return HostType.JS;
    }

    @Override
    public Bytes program() {
        return program;
    }

    @Override
    public ModuleDef definition() {
        return definition;
    }

    @Override
    public Optional<Bytes> guestLibrary() {
        return guestLibrary;
    }

    @Override
    public List<String> warnings() {
        return JsEngine.isCompiling()
                ? List.of()
                : List.of("JavaScript runs interpreted in this JVM, 20 to 50 times slower than compiled");
    }

    @Override
    public boolean hasRoomForSpare() {
        return true;
    }

    @Override
    public Instance instantiate(InstanceHost host) throws InvalidModuleException {
        return JsInstance.create(parsed, host, LoadDeadline.LIMIT);
    }
}
