namespace HealthShare.Chaincode.Shim.Testing;

/// <summary>A write that a transaction asked for.</summary>
/// <param name="Collection">Private collection; empty for public state.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value; null for a deletion.</param>
/// <param name="IsPurge">True for a deletion that also removes earlier versions.</param>
public sealed record TestWrite(string Collection, string Key, ReadOnlyMemory<byte>? Value, bool IsPurge = false);

/// <summary>An endorsement policy that a transaction gave to a key.</summary>
/// <param name="Collection">Private collection; empty for public state.</param>
/// <param name="Key">The key.</param>
/// <param name="Policy">The policy; empty where the transaction took it away.</param>
public sealed record TestPolicy(string Collection, string Key, ReadOnlyMemory<byte> Policy);

/// <summary>An event that a transaction raised.</summary>
/// <param name="Name">Event name.</param>
/// <param name="Payload">Payload bytes.</param>
public sealed record TestEvent(string Name, ReadOnlyMemory<byte> Payload);
