using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Patients;

/// <summary>Whether a caller is told anything of a patient: no patient, and none that the caller may speak for, look the same.</summary>
internal static class KnownPatient
{
    /// <summary>True for a patient of this channel that the caller may speak for.</summary>
    /// <param name="replica">The copy of the channel.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="patientId">The patient in the address, whatever stands there.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<bool> HasPatientForAsync(this Replica replica, Caller caller, string patientId, CancellationToken ct) =>
        LedgerId.IsValid(IdKind.Patient, patientId) && caller.MaySpeakFor(patientId)
        && await replica.GetAsync(LedgerKey.Patient(patientId), ct) is not null;
}
