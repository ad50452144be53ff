namespace HealthShare.Node.Auth;

/// <summary>What a caller is; one role per token.</summary>
public enum Role
{
    /// <summary>Treats patients.</summary>
    Physician,

    /// <summary>Nurses patients.</summary>
    Nurse,

    /// <summary>Registers patients and their credentials.</summary>
    Registrar,

    /// <summary>A patient, who sees and decides about own data only.</summary>
    Patient,

    /// <summary>Runs the node; sees no health data.</summary>
    ItAdministrator,

    /// <summary>Watches over this hospital's use of data.</summary>
    PrivacyOfficer,

    /// <summary>Audits, at a hospital or a regulator; sees no health data.</summary>
    Auditor,

    /// <summary>A program of the hospital, such as its integration engine.</summary>
    System,

    /// <summary>Dispenses medicines to patients.</summary>
    Pharmacist,

    /// <summary>Acts in a patient's place, by the patient's appointment or a guardian's power; sees less than the patient.</summary>
    Delegate,

    /// <summary>Asks for records for research alone.</summary>
    Researcher,
}
