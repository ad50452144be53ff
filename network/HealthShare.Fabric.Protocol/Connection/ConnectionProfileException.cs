namespace HealthShare.Fabric.Protocol.Connection;

/// <summary>A connection file is not as it should be.</summary>
/// <param name="field">Path of the field at fault, such as <c>organizations[0].peers[1].endpoint</c>; empty for the file as a whole.</param>
/// <param name="reason">What is wrong with it.</param>
/// <param name="file">The file; null where the profile does not come from one.</param>
/// <param name="inner">What the parser reported, if anything.</param>
public sealed class ConnectionProfileException(string field, string reason, string? file = null, Exception? inner = null)
    : Exception($"{(file is null ? "The connection profile" : $"'{file}'")}: {(field.Length == 0 ? "the file" : field)} {reason}.", inner)
{
    /// <summary>Path of the field at fault; empty for the file as a whole.</summary>
    public string Field { get; } = field;

    /// <summary>What is wrong with it.</summary>
    public string Reason { get; } = reason;
}
