/**
 * Lives here: SQL text, its checked plan and its evaluation, at once or from commit to commit. May not: begin or end a
 * transaction, know who waits for an answer.
 *
 * <pre>
 *   text → SqlLexer → SqlParser → Statement → SelectChecker → LogicalSelect → RowRules → fragments → JoinPlanner → JoinPlan
 *                                           → ChangeChecker → ChangePlan
 *
 *   SelectPlan: every fragment once            JoinRun: a JoinPlan over a RowSource
 *   SubscriptionPlan: once, then from deltas   SubscriptionSet: which plans a delta touches
 * </pre>
 */
@NullMarked
package io.pinion.store.query;

import org.jspecify.annotations.NullMarked;
