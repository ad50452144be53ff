namespace HealthShare.Policy.WebAuthn;

/// <summary>What an assertion is made over. Each kind has a challenge of its own, so that none passes for another.</summary>
public enum SignedKind
{
    /// <summary>A patient's statement; the challenge begins with <c>healthshare-statement-v1</c>.</summary>
    Statement,

    /// <summary>The declaration of an emergency by staff; the challenge begins with <c>healthshare-emergency-v1</c>.</summary>
    Emergency,

    /// <summary>A patient's one-time code for a clinician, which never comes to the channel; the challenge begins with <c>healthshare-handle-v1</c>.</summary>
    Handle,
}
