namespace HealthShare.DevLedger.Chaincode;

/// <summary>A chaincode could not be reached or did not answer; the text reaches the client as a peer's would.</summary>
internal sealed class ChaincodeFailure(string message, Exception? inner = null) : Exception(message, inner);
