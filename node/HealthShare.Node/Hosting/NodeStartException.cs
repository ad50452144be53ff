namespace HealthShare.Node;

/// <summary>The node cannot start as it is set up; the message names what is wrong and where.</summary>
public sealed class NodeStartException(string message, Exception? inner = null) : Exception(message, inner);
