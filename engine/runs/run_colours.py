"""The colours that a user gives runs: Okabe and Ito's, which people with any colour vision know."""

RUN_COLOURS = {
    "Blue": "#0072B2",
    "Vermilion": "#D55E00",
    "Green": "#009E73",
    "Purple": "#CC79A7",
    "Orange": "#E69F00",
    "Sky blue": "#56B4E9",
    "Grey": "#808080",
}
