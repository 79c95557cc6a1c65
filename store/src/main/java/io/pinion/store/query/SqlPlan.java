package io.pinion.store.query;

/** One statement ready to run. */
public sealed interface SqlPlan permits SelectPlan, ChangePlan {}
