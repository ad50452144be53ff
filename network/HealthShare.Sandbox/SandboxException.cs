namespace HealthShare.Sandbox;

/// <summary>The sandbox cannot go on; the message is for the person who started it.</summary>
internal sealed class SandboxException(string message, Exception? inner = null, bool isUsage = false) : Exception(message, inner)
{
    /// <summary>True when the command line asked for something that cannot be.</summary>
    public bool IsUsage { get; } = isUsage;
}
