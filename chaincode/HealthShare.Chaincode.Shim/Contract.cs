namespace HealthShare.Chaincode.Shim;

/// <summary>
/// Base class of contracts. Public methods marked <see cref="TransactionAttribute"/> become transactions, called
/// <c>Contract:Transaction</c>. One instance serves all transactions at once, so a contract keeps no state of its own.
/// </summary>
/// <remarks>
/// A transaction takes a <see cref="TransactionContext"/> first, then its arguments, and returns <see cref="Task"/> or
/// <see cref="Task{TResult}"/>. <see cref="string"/> and <c>byte[]</c> arguments and results pass as they are, without quotes;
/// every other type passes as JSON through the source-generated context given to <see cref="ChaincodeRouter"/>. Parameters with a
/// default may be left out from the end; <c>params string[]</c> takes all arguments that are left.
/// </remarks>
public abstract class Contract
{
    /// <summary>Name before the colon. Default: the class name without a <c>Contract</c> at its end.</summary>
    public virtual string Name =>
        GetType().Name is var name && name.EndsWith(nameof(Contract), StringComparison.Ordinal) ? name[..^nameof(Contract).Length] : name;

    /// <summary>Runs before every transaction of this contract; throw <see cref="ContractException"/> to refuse it.</summary>
    /// <param name="tx">The transaction.</param>
    public virtual Task BeforeAsync(TransactionContext tx) => Task.CompletedTask;
}

/// <summary>Marks a method of a <see cref="Contract"/> as a transaction.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TransactionAttribute : Attribute
{
    /// <summary>Name after the colon. Default: the method's name without <c>Async</c>.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// True when the transaction only reads and is meant to be evaluated: a write in it is refused with
    /// <c>transaction.read_only</c>. Default false.
    /// </summary>
    public bool Evaluate { get; set; }
}
