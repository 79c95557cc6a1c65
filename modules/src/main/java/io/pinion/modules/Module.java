package io.pinion.modules;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.value.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * A program that has been compiled, described and validated, once. Instances of it run its functions. Threadsafe; shared
 * by all instances and databases that run the same program.
 */
public interface Module {
    HostType hostType();

    /** The program as it was published. */
    Bytes program();

    /** What the module says of itself, validated. */
    ModuleDef definition();

    /**
     * The build of the built-in guest library that the program imports: the Keccak-256 hash of its text, empty for a
     * program that imports none. It goes on with that build until it is published again.
     */
    Optional<Bytes> guestLibrary();

    /** What its author should know although it loads: functions too large to compile, and the like. One sentence each. */
    List<String> warnings();

    /**
     * Whether there is memory for an instance that nobody needs yet. Where there is little, others are to have it who do need
     * one.
     */
    boolean hasRoomForSpare();

    /**
     * Makes an instance and runs its initialisers. Takes from a millisecond to a second: never called on a core thread.
     *
     * @throws InvalidModuleException if an initialiser fails
     */
    Instance instantiate(InstanceHost host) throws InvalidModuleException;
}
