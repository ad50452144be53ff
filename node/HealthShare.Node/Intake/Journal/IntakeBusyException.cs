namespace HealthShare.Node.Intake.Journal;

/// <summary>There is no room for a message now: nothing of it was kept, and the sender is to send it again later.</summary>
/// <param name="code">Stable code, such as <c>intake.disk_full</c>.</param>
/// <param name="message">The same in words.</param>
internal sealed class IntakeBusyException(string code, string message) : Exception(message)
{
    /// <summary>Too many messages or bytes wait for the journal's next commit.</summary>
    public const string Overloaded = "intake.overloaded";

    /// <summary>Too many messages wait for the ledger.</summary>
    public const string QueueFull = "intake.queue_full";

    /// <summary>The disk is nearly full.</summary>
    public const string DiskFull = "intake.disk_full";

    public string Code { get; } = code;
}
