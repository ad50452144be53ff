namespace HealthShare.Policy;

/// <summary>A statement, an assertion or a key broke a rule; <see cref="Code"/> names the rule.</summary>
/// <param name="code">Stable code, such as <c>statement.unknown_member</c>; never translated.</param>
/// <param name="message">What is wrong and where, by member path; never a value that a person wrote.</param>
/// <param name="inner">The parser's own failure, when there was one.</param>
public sealed class PolicyException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable code of the broken rule.</summary>
    public string Code { get; } = code;
}
