namespace HealthShare.Node.Patients;

/// <summary>Whoever brings a patient to the channel, the intake or staff, does so one after the other; different patients are enrolled side by side. Thread-safe.</summary>
internal sealed class EnrollmentTurns
{
    private readonly Dictionary<string, Place> places = new(StringComparer.Ordinal);

    /// <summary>Waits for the patient's turn; disposing the result ends it.</summary>
    public async Task<IDisposable> TakeAsync(string patientId, CancellationToken ct)
    {
        Place place;
        lock (places)
        {
            if (!places.TryGetValue(patientId, out place!))
                places[patientId] = place = new Place();
            place.Users++;
        }
        try
        {
            await place.Gate.WaitAsync(ct);
        }
        catch
        {
            Leave(patientId, place);
            throw;
        }
        return new Turn(this, patientId, place);
    }

    private void Leave(string patientId, Place place)
    {
        lock (places)
        {
            if (--place.Users > 0)
                return;
            places.Remove(patientId);
            place.Dispose();
        }
    }

    private sealed class Place : IDisposable
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public int Users { get; set; }

        public void Dispose() => Gate.Dispose();
    }

    private sealed class Turn(EnrollmentTurns turns, string patientId, Place place) : IDisposable
    {
        public void Dispose()
        {
            place.Gate.Release();
            turns.Leave(patientId, place);
        }
    }
}
