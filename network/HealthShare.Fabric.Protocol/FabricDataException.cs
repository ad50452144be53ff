namespace HealthShare.Fabric.Protocol;

/// <summary>
/// Bytes or text that claim to be part of Fabric's format are not: a truncated message, a certificate that is none, a policy
/// that does not parse. The only exception that the readers of this library throw for what they were given to read.
/// </summary>
/// <param name="message">What is wrong and where; holds none of the data itself.</param>
/// <param name="inner">What the parser reported, if anything.</param>
public sealed class FabricDataException(string message, Exception? inner = null) : Exception(message, inner);
