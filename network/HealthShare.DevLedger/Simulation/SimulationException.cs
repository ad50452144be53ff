namespace HealthShare.DevLedger.Simulation;

/// <summary>A chaincode asked for what the ledger does not give; the text goes back to the chaincode.</summary>
internal sealed class SimulationException(string message) : Exception(message);
