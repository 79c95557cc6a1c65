package io.pinion.actors.database;

import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.store.value.Bytes;

/** What turns programs into modules; {@link io.pinion.modules.load.ModuleLoader} in a node. Threadsafe. */
@FunctionalInterface
interface Engine {
    /** Takes from milliseconds to seconds; never called on a core. */
    Module load(Bytes program, ModuleLimits limits) throws InvalidModuleException;
}
